using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Mesh.Configuration;
using Mesh.Gateway.Hygiene;
using Mesh.Routing;
using Mesh.Routing.Listeners;

namespace Mesh.Gateway.Listeners;

/// <summary>
/// The listeners of a gateway. They are isolated from each other, as the Gateway API recommends: a request belongs to the most
/// specific one for its connection and host, and only the routes that hang on that are asked. Immutable.
/// </summary>
internal sealed class ListenerSet
{
    // As many as the Gateway API allows; they are tried one after the other.
    private const int MaxCount = 64;
    private const int MaxPort = 65_535;

    private ListenerSet(ImmutableArray<GatewayListener> all) => All = all;

    /// <summary>From the most to the least specific.</summary>
    public ImmutableArray<GatewayListener> All { get; }

    /// <returns><see langword="null"/> when there are none: then all routes take requests from everywhere.</returns>
    public static ListenerSet? Compile(IDictionary<string, GatewayListenerOptions> listeners, RouteTable routes, string path, ConfigurationErrors errors)
    {
        if (listeners.Count > MaxCount)
        {
            errors.Add(path, $"found {listeners.Count} listeners, allowed are {MaxCount}.");
        }

        Dictionary<(string?, int?, GatewayListenerProtocol?), string> seen = [];
        foreach (var (name, listener) in listeners)
        {
            var field = listener.Source ?? $"{path}:{name}";
            if (listener.Hostname is { } hostname && Uri.CheckHostName(hostname.StartsWith("*.", StringComparison.Ordinal) ? hostname[2..] : hostname) != UriHostNameType.Dns)
            {
                errors.Add($"{field}:{nameof(listener.Hostname)}", hostname, "a host name without a port, such as 'shop.example' or '*.shop.example'");
            }

            errors.CheckRange($"{field}:{nameof(listener.Port)}", listener.Port, 1, MaxPort);
            if (!seen.TryAdd((listener.Hostname?.ToUpperInvariant(), listener.Port, listener.Protocol), name))
            {
                errors.Add(field, $"it has host, port and protocol of '{seen[(listener.Hostname?.ToUpperInvariant(), listener.Port, listener.Protocol)]}': nobody could tell them apart.");
            }
        }

        return listeners.Count == 0 || errors.All.Count > 0 ? null : new ListenerSet([.. listeners.Select(pair => Compile(pair.Key, pair.Value, routes)).Order()]);
    }

    /// <summary>The listener by which a request comes in.</summary>
    /// <param name="port">The local port of its connection.</param>
    /// <param name="isTls">Whether that has TLS.</param>
    /// <param name="authority">The host it is for, perhaps with a port.</param>
    /// <param name="listener">The listener.</param>
    public bool TryFind(int port, bool isTls, ReadOnlySpan<char> authority, [NotNullWhen(true)] out GatewayListener? listener)
    {
        var host = HostList.WithoutPort(authority);
        foreach (var candidate in All)
        {
            if (candidate.Takes(port, isTls) && candidate.IsFor(host))
            {
                listener = candidate;
                return true;
            }
        }

        listener = null;
        return false;
    }

    private static GatewayListener Compile(string name, GatewayListenerOptions options, RouteTable routes)
    {
        var definition = new RouteListener(name, options.Hostname, options.Port);
        return new GatewayListener(definition, options.Protocol, routes.Under(definition));
    }
}
