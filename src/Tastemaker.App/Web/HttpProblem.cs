namespace Tastemaker.App.Web;

/// <summary>A request that cannot be answered as it is: the status says whose fault that is, the message what is wrong and what to do.</summary>
internal sealed class HttpProblem(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static HttpProblem BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static HttpProblem Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static HttpProblem NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    public static HttpProblem Conflict(string message) => new(StatusCodes.Status409Conflict, message);

    public static HttpProblem Gone(string message) => new(StatusCodes.Status410Gone, message);

    public static HttpProblem TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, message);

    public static HttpProblem Unprocessable(string message) => new(StatusCodes.Status422UnprocessableEntity, message);
}
