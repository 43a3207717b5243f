using Mesh.Outcomes;

namespace Mesh.Client.Retry;

/// <summary>An attempt that has ended, for <see cref="RetryOptions.When"/> to judge.</summary>
/// <param name="request">What was sent.</param>
/// <param name="response">The answer, or <see langword="null"/>.</param>
/// <param name="exception">What was thrown instead, or <see langword="null"/>.</param>
/// <param name="outcome">What the mesh takes it for.</param>
/// <param name="number">Which attempt of the call it was; 1 is the first.</param>
public readonly struct RetryAttempt(HttpRequestMessage request, HttpResponseMessage? response, Exception? exception, CallOutcome outcome, int number)
{
    /// <summary>What was sent.</summary>
    public HttpRequestMessage Request { get; } = request;

    /// <summary>The answer, or <see langword="null"/> when there was none. Its body belongs to the caller: do not read it.</summary>
    public HttpResponseMessage? Response { get; } = response;

    /// <summary>What was thrown instead of an answer, or <see langword="null"/>.</summary>
    public Exception? Exception { get; } = exception;

    /// <summary>What the mesh takes it for.</summary>
    public CallOutcome Outcome { get; } = outcome;

    /// <summary>Which attempt of the call it was; 1 is the first.</summary>
    public int Number { get; } = number;
}
