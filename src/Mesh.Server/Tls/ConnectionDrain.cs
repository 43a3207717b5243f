using System.Collections.Concurrent;
using System.Net;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Policy;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Server.Tls;

/// <summary>
/// Ends mutual TLS connections that are out of date: made under an identity that has been replaced, by a peer that is trusted
/// no more, or too old. They are asked to close, and cut when they have not after the drain time-out.
/// </summary>
internal sealed partial class ConnectionDrain : IDisposable
{
    // The rest of the bound is for requests under way.
    private const double SpreadOfBound = 0.25;

    // When an idle connection, which no request gave an opportunity to tell, is closed.
    private const double IdleAt = 0.8;
    private const double AgeJitter = 0.2;

    // In TLS 1.3 the client's verdict comes after its own certificate, as the end of the connection. Connections that were
    // opened in advance and not needed live far longer.
    private static readonly TimeSpan RefusalComesWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestBeat = TimeSpan.FromMilliseconds(20), LongestBeat = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<PeerConnection, bool> _open = new();
    private readonly PolicySource<ServerPolicy> _policies;
    private readonly IIdentitySource _identities;
    private readonly TrustDomainAliases _aliases;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private readonly IDisposable _subscription;

    public ConnectionDrain(
        PolicySource<ServerPolicy> policies,
        IIdentitySource identities,
        TrustDomainAliases aliases,
        TimeProvider time,
        Random random,
        ILogger<ConnectionDrain> logger)
    {
        _policies = policies;
        _identities = identities;
        _aliases = aliases;
        _time = time;
        _random = random;
        _logger = logger;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static self => ((ConnectionDrain)self!).Sweep(), this, LongestBeat, Timeout.InfiniteTimeSpan);
        }

        _subscription = ChangeToken.OnChange(identities.GetChangeToken, Review);
    }

    /// <summary>Watches a connection from before its handshake until it closes.</summary>
    public PeerConnection Open(ConnectionContext connection, X509Identity own, MeshListener? listener)
    {
        var age = _policies.Current.Tls.MaxConnectionAge * (1 - (AgeJitter * _random.NextDouble()));
        var now = _time.GetTimestamp();
        var peer = new PeerConnection(connection, own, listener) { DrainAt = After(now, age) };
        _open[peer] = true;
        peer.OnClosed(Forget);
        return peer;
    }

    /// <summary>Takes note of a peer that was accepted under the trust of <paramref name="identity"/>.</summary>
    public void Accepted(PeerConnection peer, X509Identity identity, SpiffeId id, PresentedChain presented)
    {
        peer.Presented = presented;
        bool hasLeft;
        lock (_lock)
        {
            peer.Peer = id;
            peer.AcceptedAt = _time.GetTimestamp();
            hasLeft = peer.IsClosed;

            // It must show a certificate of its own that is valid: this one for as long as it is.
            peer.DrainAt = Math.Min(peer.DrainAt, After(_time.GetTimestamp(), presented.ExpiresAt - _time.GetUtcNow()));
        }

        if (hasLeft)
        {
            // Its end can overtake its certificate.
            SayThatItLeft(peer, id);
        }

        if (!ReferenceEquals(identity, CurrentIdentity()))
        {
            // What has changed during the handshake was reviewed before there was a peer to judge.
            Review();
        }
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _timer.Dispose();
    }

    private void Forget(PeerConnection peer)
    {
        _open.TryRemove(peer, out _);
        SpiffeId? id;
        lock (_lock)
        {
            peer.IsClosed = true;
            id = peer.Peer;
        }

        if (id is not null)
        {
            SayThatItLeft(peer, id);
        }
    }

    private void SayThatItLeft(PeerConnection peer, SpiffeId id)
    {
        if (!peer.HasServed && _time.GetElapsedTime(peer.AcceptedAt) < RefusalComesWithin)
        {
            Log.LeftAtOnce(_logger, id, peer.Remote, peer.Own.Id);
        }
    }

    private void Review()
    {
        var identity = CurrentIdentity();
        var now = _time.GetTimestamp();
        var bound = _policies.Current.Tls.DrainTimeout;
        int outdated = 0, refused = 0;
        lock (_lock)
        {
            foreach (var (peer, _) in _open)
            {
                if (identity is null || IsRefused(peer, identity))
                {
                    // Requests under way finish; those that come after have no peer any more.
                    peer.Peer = null;
                    Plan(peer, now, TimeSpan.Zero, bound);
                    refused++;
                }
                else if (!peer.Own.Leaf.RawDataMemory.Span.SequenceEqual(identity.Leaf.RawDataMemory.Span))
                {
                    Plan(peer, now, bound * (SpreadOfBound * _random.NextDouble()), bound);
                    outdated++;
                }
            }
        }

        if (outdated + refused > 0)
        {
            Log.Draining(_logger, outdated, refused, bound);
        }

        Sweep();
    }

    private bool IsRefused(PeerConnection peer, X509Identity identity) =>
        peer.Presented is { } presented && !presented.VerifyAgain(identity.Trust, _time.GetUtcNow(), _aliases).Accepted;

    private void Plan(PeerConnection peer, long now, TimeSpan delay, TimeSpan bound)
    {
        peer.DrainAt = Math.Min(peer.DrainAt, After(now, delay));
        peer.AbortAt = Math.Min(peer.AbortAt, After(now, bound));
    }

    private void Sweep()
    {
        var bound = _policies.Current.Tls.DrainTimeout;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            foreach (var (peer, _) in _open)
            {
                if (now >= peer.DrainAt)
                {
                    Advance(peer, now, bound);
                }
            }
        }

        var beat = bound / 20;
        _timer.Change(beat < ShortestBeat ? ShortestBeat : beat > LongestBeat ? LongestBeat : beat, Timeout.InfiniteTimeSpan);
    }

    private void Advance(PeerConnection peer, long now, TimeSpan bound)
    {
        try
        {
            peer.AbortAt = Math.Min(peer.AbortAt, After(now, bound));
            if (!peer.IsDraining)
            {
                peer.Drain();
            }

            if (now >= peer.AbortAt)
            {
                peer.Abort();
            }
            else if (now >= peer.AbortAt - Ticks(bound * (1 - IdleAt)))
            {
                peer.CloseWhenIdle();
            }
        }
#pragma warning disable CA1031 // Closing runs what others have registered on the connection, and this is a timer: nothing may escape.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CloseFailed(_logger, exception);
        }
    }

    private long After(long timestamp, TimeSpan span) => timestamp + Ticks(span);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private X509Identity? CurrentIdentity()
    {
        try
        {
            return _identities.Current;
        }
        catch (MeshIdentityException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Identity or trust has changed: {Outdated} connections are replaced and {Refused} whose peers are trusted no more are closed, within {Bound}.")]
        public static partial void Draining(ILogger logger, int outdated, int refused, TimeSpan bound);

        [LoggerMessage(3, LogLevel.Information, "{Peer} at {Remote} left right after the handshake without a request: it may have refused this service's certificate of '{Own}'. Its log says why.")]
        public static partial void LeftAtOnce(ILogger logger, SpiffeId peer, EndPoint? remote, SpiffeId own);

        [LoggerMessage(2, LogLevel.Warning, "A connection could not be closed in order.")]
        public static partial void CloseFailed(ILogger logger, Exception exception);
    }
}
