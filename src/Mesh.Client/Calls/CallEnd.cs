using Mesh.Client.Endpoints;
using Mesh.Outcomes;
using Polly;

namespace Mesh.Client.Calls;

/// <summary>What became of a call so far.</summary>
/// <param name="Result">The answer or the exception of the last attempt.</param>
/// <param name="Outcome">What that means.</param>
/// <param name="Endpoint">Where it came from.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="Ended">When the last one was over, as a timestamp.</param>
internal readonly record struct CallEnd(Outcome<HttpResponseMessage> Result, CallOutcome Outcome, Endpoint Endpoint, int Attempts, long Ended)
{
    /// <summary>A first attempt that was answered.</summary>
    public static CallEnd Of(HttpResponseMessage response, in CallScope call, in Attempt attempt) =>
        new(Polly.Outcome.FromResult(response), ResponseInspection.Classify(response, call), attempt.Endpoint, 1, 0);

    /// <summary>A first attempt that was not.</summary>
    public static CallEnd Of(Exception exception, in Attempt attempt, CancellationToken caller)
    {
        var result = AttemptRunner.Failed(attempt, exception, caller, out var outcome);
        return new CallEnd(result, outcome, attempt.Endpoint, 1, 0);
    }
}
