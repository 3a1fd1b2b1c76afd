using System.Security.Cryptography;
using System.Text;

namespace Tastemaker.App.Web;

/// <summary>What lets a visitor in where the program listens to other machines: in the address at first, in a cookie from then on.</summary>
internal sealed class AccessToken
{
    public const string Query = "token";

    private const string Cookie = "taste";
    private const string Scheme = "Bearer ";

    public string Value { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Whether the request carries it: as a cookie, as a bearer token, or in its address.</summary>
    public bool IsIn(HttpRequest request) =>
        Is(request.Cookies[Cookie]) || IsInAddress(request)
        || (request.Headers.Authorization.ToString() is var header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Is(header[Scheme.Length..]));

    public bool IsInAddress(HttpRequest request) => Is(request.Query[Query]);

    /// <summary>Lets the browser back in without the address; scripts cannot read it, other sites do not send it.</summary>
    public void Remember(HttpResponse response) => response.Cookies.Append(Cookie, Value, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });

    /// <summary>Takes as long for every wrong text.</summary>
    private bool Is(string? text) => text is not null && CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(text)), SHA256.HashData(Encoding.UTF8.GetBytes(Value)));
}
