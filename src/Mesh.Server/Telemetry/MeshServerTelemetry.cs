using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Mesh.Identity;

namespace Mesh.Server.Telemetry;

/// <summary>Names of the metrics of this package, and their instruments.</summary>
public sealed class MeshServerTelemetry
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Mesh.Server";

    /// <summary>Counts requests that the mesh answered instead of the application; tag <see cref="ReasonTag"/>.</summary>
    public const string RefusalsName = "mesh.server.refusals";

    /// <summary>Counts TLS handshakes refused because of the peer's certificate; tag <see cref="ReasonTag"/>.</summary>
    public const string HandshakeRefusalsName = "mesh.server.handshake.refusals";

    /// <summary>Why: one of a fixed set of words.</summary>
    public const string ReasonTag = "reason";

    private readonly Counter<long> _refusals;
    private readonly Counter<long> _handshakeRefusals;
    private readonly ConcurrentDictionary<string, StrongBox<long>> _totals = new(StringComparer.Ordinal);

    /// <summary>Creates the instruments.</summary>
    public MeshServerTelemetry(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _refusals = meter.CreateCounter<long>(RefusalsName, "{request}", "Requests that the mesh answered instead of the application.");
        _handshakeRefusals = meter.CreateCounter<long>(HandshakeRefusalsName, "{handshake}", "TLS handshakes refused because of the peer's certificate.");
    }

    internal IEnumerable<KeyValuePair<string, long>> RefusalsByReason =>
        _totals.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => KeyValuePair.Create(pair.Key, Volatile.Read(ref pair.Value.Value)));

    internal void Refused(string reason)
    {
        _refusals.Add(1, new KeyValuePair<string, object?>(ReasonTag, reason));
        Interlocked.Increment(ref _totals.GetOrAdd(reason, static _ => new StrongBox<long>()).Value);
    }

    internal void HandshakeRefused(PeerRefusal refusal) =>
        _handshakeRefusals.Add(1, new KeyValuePair<string, object?>(ReasonTag, refusal.ToString()));
}
