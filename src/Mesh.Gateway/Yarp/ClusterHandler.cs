namespace Mesh.Gateway.Yarp;

/// <summary>Addresses what YARP sends to the service of the cluster's name, in the place of the destination YARP picked.</summary>
internal sealed class ClusterHandler(string service, HttpMessageHandler mesh) : DelegatingHandler(mesh)
{
    // What a caller sends in one go: the first windows of a connection.
    private const int ShortBody = 64 * 1024;

    // YARP has written the path as it is to arrive.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // Discovery knows which of the two a service speaks, and prefers the first.
    private readonly string _authority = $"https+http://{service}";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(string.Concat(_authority, request.RequestUri!.PathAndQuery), AsWritten);
        if (!IsUpload(request.Content))
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        // The time-outs of a service are about how long it thinks. A long body takes as long as its sender takes: there
        // YARP's ActivityTimeout bounds standing still.
        using (MeshContext.Use(WithoutTimeouts(MeshContext.Current)))
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    private static MeshContext WithoutTimeouts(MeshContext? inbound) => new()
    {
        Deadline = inbound?.Deadline ?? Deadline.None,
        End = inbound?.End ?? Deadline.None,
        Peer = inbound?.Peer,
        Attempt = inbound?.Attempt ?? 1,
        Criticality = inbound?.Criticality ?? default,
        CallerToken = inbound?.CallerToken,
        CallTimeout = Timeout.InfiniteTimeSpan,
        AttemptTimeout = Timeout.InfiniteTimeSpan,
    };

    private static bool IsUpload(HttpContent? content) => content is not null && content.Headers.ContentLength is null or > ShortBody;
}
