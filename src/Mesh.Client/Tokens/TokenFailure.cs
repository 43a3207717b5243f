namespace Mesh.Client.Tokens;

/// <summary>Why no token could be had.</summary>
/// <param name="Reason">In one word, for metrics: an error code of OAuth, or <c>unavailable</c>, <c>invalid_answer</c>, <c>credentials</c>, <c>source</c>.</param>
/// <param name="Message">What was asked, what was found and what to do. Never a token or a secret.</param>
internal sealed record TokenFailure(string Reason, string Message)
{
    public const string Unavailable = "unavailable";
    public const string InvalidAnswer = "invalid_answer";
    public const string Credentials = "credentials";
    public const string Source = "source";

    /// <summary>What went wrong underneath.</summary>
    public Exception? Cause { get; init; }

    /// <summary>Whether it is about the token of one caller, and others may have more luck.</summary>
    public bool IsAboutCaller { get; init; }

    /// <summary>When to ask again, as the endpoint says.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
