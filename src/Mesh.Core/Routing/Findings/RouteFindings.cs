using System.Collections.Immutable;
using Mesh.Routing.Listeners;

namespace Mesh.Routing.Findings;

/// <summary>Finds what is valid in the routes of a gateway and takes no request. Takes time in proportion to their number.</summary>
public static class RouteFindings
{
    /// <summary>Matches that others hide, and hosts that no listener is for.</summary>
    /// <param name="table">The compiled routes.</param>
    /// <param name="listeners">The listeners; empty when there are none, and every route takes requests from everywhere.</param>
    public static ImmutableArray<RouteFinding> Find(RouteTable table, IReadOnlyList<RouteListener> listeners)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(listeners);
        var findings = ImmutableArray.CreateBuilder<RouteFinding>();
        var overlaps = new RouteOverlaps();
        if (listeners.Count == 0)
        {
            overlaps.Add(table.Routes);
        }
        else
        {
            FindUnreachable(table, listeners, findings);
            foreach (var listener in listeners)
            {
                overlaps.Add(table.Under(listener).Routes);
            }
        }

        findings.AddRange(overlaps.Findings());
        return findings.ToImmutable();
    }

    private static void FindUnreachable(RouteTable table, IReadOnlyList<RouteListener> listeners, ImmutableArray<RouteFinding>.Builder findings)
    {
        foreach (var route in table.Routes)
        {
            var own = route.ParentRefs.Count == 0 ? listeners : [.. listeners.Where(listener => route.ParentRefs.Any(parent => parent.Names(listener)))];
            if (own.Count == 0)
            {
                findings.Add(new RouteFinding(RouteFindingKind.Unreachable, $"{route.Path}:{nameof(RouteOptions.ParentRefs)}", null, "they name no listener that there is."));
                continue;
            }

            for (var i = 0; i < route.Hostnames.Count; i++)
            {
                IReadOnlyList<string> hostname = [route.Hostnames[i]];
                if (!own.Any(listener => listener.Intersect(hostname) is not null))
                {
                    findings.Add(new RouteFinding(
                        RouteFindingKind.Unreachable,
                        $"{route.Path}:{nameof(RouteOptions.Hostnames)}:{i}",
                        null,
                        $"'{route.Hostnames[i]}' is a host of none of its listeners: {string.Join(", ", own.Select(static listener => listener.Name))}."));
                }
            }
        }
    }
}
