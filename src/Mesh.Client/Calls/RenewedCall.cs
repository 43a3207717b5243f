using System.Net;
using Mesh.Client.Endpoints;
using Mesh.Client.Retry;
using Mesh.Client.Tokens;
using Mesh.Outcomes;
using Polly;

namespace Mesh.Client.Calls;

/// <summary>
/// A call whose access token the service has refused, though it should have held: revoked, or signed with a key that is gone.
/// It is made once more with another token. A refused request has done nothing, so that this holds for any method.
/// </summary>
internal sealed class RenewedCall(MeshHandler handler, AttemptRunner attempts, CallScope call, ServiceTokens tokens, int made)
{
    // Status codes of gRPC.
    private const int Unauthenticated = 16;

    /// <summary>The call with the token it carried last.</summary>
    public CallScope Call { get; private set; } = call;

    public Outcome<HttpResponseMessage> Result { get; private set; }

    public CallOutcome Outcome { get; private set; }

    /// <summary>Where it went.</summary>
    public Endpoint Endpoint { get; private set; } = null!;

    /// <summary>Whether the answer is such a refusal, and the request can be sent again.</summary>
    public static bool MayFollow(in CallScope call, HttpResponseMessage? response) =>
        call.Token is { Slot: not null }
        && response is not null
        && (response.StatusCode == HttpStatusCode.Unauthorized
            || (response.StatusCode == HttpStatusCode.OK && GrpcResponse.HasStatusInHeaders(response) && GrpcResponse.StatusOf(response) == Unauthenticated))
        && (call.Body?.IsReady ?? RequestCopy.IsReplayable(call.Request.Content));

    /// <returns>Whether it was sent again: not without another token, time, and an endpoint.</returns>
    public async Task<bool> RunAsync(HttpResponseMessage refusal)
    {
        if (await tokens.RenewAsync(Call.Token!, MeshContext.Current?.CallerToken, Call.Deadline, Call.Caller).ConfigureAwait(false) is not { } fresh)
        {
            return false;
        }

        Call = Call with { Token = fresh };
        var request = RequestCopy.Of(Call.Request);
        var uri = request.RequestUri!;
        if (Call.Deadline.HasPassed(attempts.Time) || !attempts.TryBegin(Call, request, [], made + 1, out var attempt))
        {
            return false;
        }

        refusal.Dispose();
        Endpoint = attempt.Endpoint;
        try
        {
            var response = await handler.SendToAsync(attempt, Call, request).ConfigureAwait(false);
            Outcome = ResponseInspection.Classify(response, Call);
            Result = Polly.Outcome.FromResult(response);
        }
#pragma warning disable CA1031 // Every exception is an outcome here, and rethrown by the handler.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Result = AttemptRunner.Failed(attempt, exception, Call.Caller, out var outcome);
            Outcome = outcome;
        }

        attempts.End(Call, attempt, request, uri, Outcome, Result.Result);
        return true;
    }
}
