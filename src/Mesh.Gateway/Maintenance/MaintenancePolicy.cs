using System.Collections.Frozen;
using System.Net;
using Mesh.Addresses;
using Mesh.Configuration;
using Mesh.Gateway.Problems;
using Mesh.Server.Problems;

namespace Mesh.Gateway.Maintenance;

/// <summary>What is closed for the time being. Immutable.</summary>
internal sealed class MaintenancePolicy
{
    private readonly bool _closesAll;
    private readonly FrozenSet<string> _routes;
    private readonly AddressBlocks? _allow;
    private readonly MeshProblem _problem;

    private MaintenancePolicy(MaintenanceOptions options, AddressBlocks? allow)
    {
        _closesAll = options.Enabled;
        _routes = options.Routes.ToFrozenSet(StringComparer.Ordinal);
        _allow = allow;
        _problem = GatewayProblems.Maintenance(options.RetryAfter);
    }

    /// <returns><see langword="null"/> when nothing is closed.</returns>
    public static MaintenancePolicy? Compile(MaintenanceOptions options, string path, HashSet<string> routes, ConfigurationErrors errors)
    {
        for (var i = 0; i < options.Routes.Count; i++)
        {
            if (!routes.Contains(options.Routes[i]))
            {
                errors.Add($"{path}:{nameof(options.Routes)}:{i}", options.Routes[i], "the name of a route");
            }
        }

        errors.CheckDuration($"{path}:{nameof(options.RetryAfter)}", options.RetryAfter);
        var allow = AddressBlocks.Compile(options.Allow, $"{path}:{nameof(options.Allow)}", errors);
        return options.Enabled || options.Routes.Count > 0 ? new MaintenancePolicy(options, allow) : null;
    }

    /// <summary>The refusal of a request from an address, or <see langword="null"/>.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="route">The route that takes it; <see langword="null"/> when it is not known yet, or there is none.</param>
    public MeshProblem? FindProblem(IPAddress? address, string? route) =>
        (_closesAll || (route is not null && _routes.Contains(route))) && _allow?.Contains(address) != true ? _problem : null;
}
