namespace Tastemaker.App;

/// <summary>The user can fix this: the message says what is wrong and what to do.</summary>
internal sealed class UserException(string message) : Exception(message);
