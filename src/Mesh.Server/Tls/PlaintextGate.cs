using System.Net;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Policy;
using Mesh.Server.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tls;

/// <summary>
/// Decides about plaintext connections to a port that speaks mutual TLS. A strict one lets them through to <c>UseMesh()</c>,
/// which serves probes and refuses everything else with words; where that is missing nobody would, and they are closed.
/// </summary>
internal sealed partial class PlaintextGate(
    PolicySource<ServerPolicy> policies,
    MeshPresence presence,
    TimeProvider time,
    MeshServerTelemetry telemetry,
    ILogger<PlaintextGate> logger)
{
    // A caller that has not been changed yet calls all day, and probes do so too.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private long _nextLog = long.MinValue;

    public bool Admits(ConnectionContext connection, MeshListener listener)
    {
        var port = MeshListener.PortOf(connection);
        if (policies.Current.PeerAuthenticationAt(port, listener) != PeerAuthenticationMode.Strict)
        {
            return true;
        }

        if (presence.IsThere)
        {
            if (IsTimeToLog())
            {
                Log.Plaintext(logger, connection.RemoteEndPoint, port, PeerRefusal.PlaintextPeer, Silence);
            }

            return true;
        }

        telemetry.HandshakeRefused(PeerRefusal.PlaintextPeer);
        if (IsTimeToLog())
        {
            Log.Closed(logger, connection.RemoteEndPoint, port, PeerRefusal.PlaintextPeer, Silence);
        }

        return false;
    }

    private bool IsTimeToLog()
    {
        var now = time.GetTimestamp();
        var next = Volatile.Read(ref _nextLog);
        return now >= next
            && Interlocked.CompareExchange(ref _nextLog, now + (long)(Silence.TotalSeconds * time.TimestampFrequency), next) == next;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Remote} calls the strict port {Port} without TLS ({Refusal}): it is served the plaintext paths and refused everything else. Nothing more is said about this for {Silence}.")]
        public static partial void Plaintext(ILogger logger, EndPoint? remote, int port, PeerRefusal refusal, TimeSpan silence);

        [LoggerMessage(2, LogLevel.Warning, "{Remote} called the strict port {Port} without TLS ({Refusal}) and was closed: UseMesh(), which would answer it, is not part of the application. Nothing more is said about this for {Silence}.")]
        public static partial void Closed(ILogger logger, EndPoint? remote, int port, PeerRefusal refusal, TimeSpan silence);
    }
}
