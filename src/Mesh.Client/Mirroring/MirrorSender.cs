using Mesh.Client.Calls;
using Mesh.Client.Discovery;
using Mesh.Client.Retry;
using Mesh.Client.Telemetry;
using Mesh.Outcomes;
using Mesh.Routing;

namespace Mesh.Client.Mirroring;

/// <summary>
/// Sends copies of requests to other services. They share nothing with the request they copy: not its deadline, its
/// cancellation, its ambient context or its retry budget, and whatever goes wrong with them goes wrong in silence.
/// </summary>
internal sealed class MirrorSender(MeshHandler handler, ServiceDirectory directory, MirrorLedger ledger, MeshClientTelemetry telemetry, Random random)
{
    /// <summary>Draws who gets a copy and begins to send it, at once or when the body is known.</summary>
    /// <returns>The request to send: the same, or one that listens to its body.</returns>
    public HttpRequestMessage Begin(RouteRule rule, string scheme, HttpRequestMessage request)
    {
        List<RouteMirror>? drawn = null;
        foreach (var mirror in rule.Mirrors)
        {
            if (mirror.Draws(random))
            {
                (drawn ??= []).Add(mirror);
            }
        }

        return drawn is null ? request : Begin(drawn, scheme, request);
    }

    private HttpRequestMessage Begin(List<RouteMirror> mirrors, string scheme, HttpRequestMessage request)
    {
        var limit = directory.Mirroring.MaxBodyBytes;
        var source = new MirrorRequest(request);
        if (request.Content is not { } content)
        {
            Start(mirrors, scheme, source, null);
            return request;
        }

        if (content.Headers.ContentLength > limit)
        {
            Refuse(mirrors);
            return request;
        }

        if (RequestCopy.IsReplayable(content))
        {
            // Copied, because the caller may dispose its content as soon as it has its answer.
            using var body = new MemoryStream();
            content.CopyTo(body, null, CancellationToken.None);
            Start(mirrors, scheme, source, body.ToArray());
            return request;
        }

        var recorded = RequestCopy.Of(request);
        recorded.Content = new RecordedContent(content, limit, body =>
        {
            if (body is null)
            {
                Refuse(mirrors);
            }
            else
            {
                Start(mirrors, scheme, source, body);
            }
        });
        return recorded;
    }

    private void Refuse(List<RouteMirror> mirrors)
    {
        foreach (var mirror in mirrors)
        {
            ledger.CountTooLarge();
            telemetry.MirrorRefused(mirror.Backend.Service, tooLarge: true);
        }
    }

    private void Start(List<RouteMirror> mirrors, string scheme, MirrorRequest source, byte[]? body)
    {
        foreach (var mirror in mirrors)
        {
            if (!ledger.TryBegin(directory.Mirroring.MaxActive))
            {
                telemetry.MirrorRefused(mirror.Backend.Service, tooLarge: false);
                continue;
            }

            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => SendAsync(mirror, scheme, source, body));
            }
        }
    }

    private async Task SendAsync(RouteMirror mirror, string scheme, MirrorRequest source, byte[]? body)
    {
        var outcome = CallOutcome.Failure;
        try
        {
            using var copy = source.Create(mirror, body);
            using var response = await handler.CallMirrorAsync(mirror, scheme, copy, directory.Stopping).ConfigureAwait(false);
            outcome = OutcomeClassifier.Classify(response);
        }
#pragma warning disable CA1031 // Nobody waits for a copy: what became of it is counted and that is all.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = OutcomeClassifier.Classify(exception, directory.Stopping);
        }
        finally
        {
            ledger.End();
            telemetry.Mirrored(mirror.Backend.Service, outcome);
        }
    }
}
