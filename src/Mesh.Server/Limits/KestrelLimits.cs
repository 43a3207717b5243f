using Mesh.Configuration;
using Mesh.Server.Policy;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Limits;

/// <summary>Gives Kestrel the limits it enforces itself. What the application sets in code afterwards wins.</summary>
internal sealed class KestrelLimits(Lazy<PolicySource<ServerPolicy>> policies) : IConfigureOptions<KestrelServerOptions>
{
    // What Kestrel itself gives a body to get going.
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(5);

    public void Configure(KestrelServerOptions options)
    {
        ServerLimitsOptions limits;
        try
        {
            limits = policies.Value.Current.TransportLimits;
        }
        catch (MeshConfigurationException)
        {
            // The start-up check is about to say so, together with whatever else is wrong.
            return;
        }

        var kestrel = options.Limits;
        kestrel.MaxRequestHeadersTotalSize = limits.HeaderBytes ?? kestrel.MaxRequestHeadersTotalSize;
        kestrel.MaxRequestHeaderCount = limits.HeaderCount ?? kestrel.MaxRequestHeaderCount;
        kestrel.RequestHeadersTimeout = limits.HeadersTimeout ?? kestrel.RequestHeadersTimeout;
        kestrel.KeepAliveTimeout = limits.IdleTimeout ?? kestrel.KeepAliveTimeout;
        kestrel.MaxConcurrentConnections = limits.Connections ?? kestrel.MaxConcurrentConnections;
        kestrel.Http2.MaxStreamsPerConnection = limits.StreamsPerConnection ?? kestrel.Http2.MaxStreamsPerConnection;
        if (limits.BodyBytesPerSecond is { } rate)
        {
            kestrel.MinRequestBodyDataRate = rate == 0 ? null : new MinDataRate(rate, BodyGrace);
        }
    }
}
