using System.Net;
using Mesh.Client.Retry;
using Mesh.Outcomes;

namespace Mesh.Client.Calls;

/// <summary>
/// Looks at the beginning of a response's body where the decision to repeat the call may lie in there: a gRPC answer whose
/// status comes in trailers, and a problem document whose type is a condition.
/// </summary>
/// <remarks>
/// A gRPC answer is inspected up to its first byte: by its specification a call that fails has no message, and one that
/// streams has begun with its first. The wait is short and what is being read is handed on, so that a stream whose first
/// message comes late is only late by as much. Once the caller has the response nothing is repeated.
/// </remarks>
internal static class ResponseInspection
{
    private const int GrpcBuffer = 1024;
    private const int ProblemBuffer = 8 * 1024;

    // Headers and trailers of a call that failed are sent together; longer means that the callee is at work.
    private static readonly TimeSpan GrpcPatience = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether the answer to a request may need a look: decided before it is sent, for most need none.</summary>
    public static bool IsNeeded(HttpRequestMessage request, RetryPolicy policy) =>
        policy.Attempts > 0 && (policy.Conditions is { ReadsProblems: true } || GrpcRequest.Is(request));

    public static CallOutcome Classify(HttpResponseMessage response, in CallScope call)
    {
        if (call.Grpc is null && response.StatusCode == HttpStatusCode.OK)
        {
            // Nothing in its headers says more, and what nobody reads is not made.
            return CallOutcome.Success;
        }

        return response.Content is PeekedContent { IsEmpty: true }
            ? OutcomeClassifier.ClassifyTrailers(response)
            : OutcomeClassifier.Classify(response);
    }

    /// <summary>Waits for the response and, where that is needed, for the beginning of its body.</summary>
    public static async Task<HttpResponseMessage> RunAsync(
        Task<HttpResponseMessage> sending,
        RetryPolicy policy,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var response = await sending.ConfigureAwait(false);
        try
        {
            if (response.StatusCode == HttpStatusCode.OK && GrpcResponse.IsGrpc(response.Content))
            {
                if (!GrpcResponse.HasStatusInHeaders(response))
                {
                    await PeekGrpcAsync(response, time, cancellationToken).ConfigureAwait(false);
                }
            }
            else if (policy.Conditions is { ReadsProblems: true } && IsProblem(response.Content))
            {
                await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
            }

            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static async Task PeekGrpcAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var content = response.Content;
        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[GrpcBuffer];

        // Without the attempt's token: the read may outlive the attempt.
        var first = body.ReadAsync(buffer, CancellationToken.None).AsTask();
        response.Content = new PeekedContent(content, body, buffer, first);
        if (!first.IsCompleted)
        {
            await ((Task)first).WaitAsync(GrpcPatience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (first.IsCompleted)
        {
            // A stream that broke before its first byte is a failed attempt.
            await first.ConfigureAwait(false);
        }
    }

    private static async Task ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var content = response.Content;
        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[ProblemBuffer];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        response.Content = new PeekedContent(content, body, buffer, Task.FromResult(length));
    }

    private static bool IsProblem(HttpContent content) =>
        content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
        && type.ToString().StartsWith("application/problem+json", StringComparison.OrdinalIgnoreCase);
}
