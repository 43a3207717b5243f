using Mesh.Configuration;
using Mesh.Routing;

namespace Mesh.Faults;

/// <summary>Keeps faults out of production. There is one in an application that has called <c>AddMeshCore()</c>.</summary>
public sealed class FaultGuard
{
    private readonly string? _environment;
    private readonly bool _allows;

    /// <summary>Creates it.</summary>
    /// <param name="environment">The name of the environment, or <see langword="null"/> where nobody knows it, which counts as production.</param>
    /// <param name="allowInProduction">Whether production may have faults too.</param>
    public FaultGuard(string? environment, bool allowInProduction)
    {
        _environment = environment;
        _allows = allowInProduction || !(environment is null || environment.StartsWith("Prod", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Adds an error when the fault must not be where the application runs.</summary>
    public void Check(FaultPolicy? fault, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (fault is not null && !_allows)
        {
            errors.Add(
                fault.Path,
                $"found a fault, which is refused in the environment '{_environment ?? "unknown"}'; set Mesh:Faults:{nameof(MeshFaultOptions.AllowInProduction)} if it is meant.");
        }
    }

    /// <summary>The same for every rule of a table.</summary>
    public void Check(RouteTable? routes, ConfigurationErrors errors)
    {
        if (routes is null || _allows)
        {
            return;
        }

        foreach (var rule in routes.Rules)
        {
            Check(rule.Fault, errors);
        }
    }
}
