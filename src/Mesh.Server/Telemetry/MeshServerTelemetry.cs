using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Mesh.Faults;
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

    /// <summary>Counts requests that an auditing document matches; tag <see cref="PolicyTag"/>.</summary>
    public const string AuditsName = "mesh.server.authorization.audits";

    /// <summary>Counts requests that documents which are tried out would decide otherwise; tags <see cref="PolicyTag"/> and <see cref="ReasonTag"/>.</summary>
    public const string DryRunName = "mesh.server.authorization.dry_run";

    /// <summary>Counts requests that something was put into on purpose; tag <see cref="FaultMark.Tag"/>.</summary>
    public const string FaultsName = "mesh.server.faults";

    /// <summary>Counts requests for which the store of the shared rate limits did not answer.</summary>
    public const string RateLimitFallbacksName = "mesh.server.rate_limit.fallbacks";

    /// <summary>The name of the deciding document; empty where no allowing one matched.</summary>
    public const string PolicyTag = "mesh.policy";

    /// <summary>Why: one of a fixed set of words.</summary>
    public const string ReasonTag = "reason";

    private readonly Counter<long> _refusals;
    private readonly Counter<long> _handshakeRefusals;
    private readonly Counter<long> _audits;
    private readonly Counter<long> _dryRun;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _rateLimitFallbacks;
    private readonly ConcurrentDictionary<string, StrongBox<long>> _totals = new(StringComparer.Ordinal);

    /// <summary>Creates the instruments.</summary>
    public MeshServerTelemetry(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _refusals = meter.CreateCounter<long>(RefusalsName, "{request}", "Requests that the mesh answered instead of the application.");
        _handshakeRefusals = meter.CreateCounter<long>(HandshakeRefusalsName, "{handshake}", "TLS handshakes refused because of the peer's certificate.");
        _audits = meter.CreateCounter<long>(AuditsName, "{request}", "Requests that an auditing document matches.");
        _dryRun = meter.CreateCounter<long>(DryRunName, "{request}", "Requests that documents which are tried out would decide otherwise.");
        _rateLimitFallbacks = meter.CreateCounter<long>(RateLimitFallbacksName, "{request}", "Requests for which the store of the shared rate limits did not answer.");
        _faults = meter.CreateCounter<long>(FaultsName, "{request}", "Requests that something was put into on purpose.");
    }

    internal IEnumerable<KeyValuePair<string, long>> RefusalsByReason =>
        _totals.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => KeyValuePair.Create(pair.Key, Volatile.Read(ref pair.Value.Value)));

    internal void Refused(string reason)
    {
        _refusals.Add(1, new KeyValuePair<string, object?>(ReasonTag, reason));
        Interlocked.Increment(ref _totals.GetOrAdd(reason, static _ => new StrongBox<long>()).Value);
    }

    internal void Audited(string policy) => _audits.Add(1, new KeyValuePair<string, object?>(PolicyTag, policy));

    internal void DryRunDiffers(string policy, bool allowed) => _dryRun.Add(
        1,
        new KeyValuePair<string, object?>(PolicyTag, policy),
        new KeyValuePair<string, object?>(ReasonTag, allowed ? "would_allow" : "would_deny"));

    internal void RateLimitFellBack() => _rateLimitFallbacks.Add(1);

    internal void Faulted(FaultKinds kinds) => _faults.Add(1, new KeyValuePair<string, object?>(FaultMark.Tag, FaultMark.Format(kinds)));

    internal void HandshakeRefused(PeerRefusal refusal) =>
        _handshakeRefusals.Add(1, new KeyValuePair<string, object?>(ReasonTag, refusal.ToString()));
}
