using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates and compiles references to services.</summary>
internal static class BackendCompiler
{
    private const int MaxWeight = 1_000_000;
    private const int MaxPort = 65_535;

    public static ImmutableArray<RouteBackend> Compile(List<BackendRefOptions> backends, string path, ConfigurationErrors errors) =>
        [.. backends.Select((backend, i) => Compile(backend, $"{path}:{i}", errors))];

    public static RouteBackend Compile(BackendRefOptions backend, string path, ConfigurationErrors errors)
    {
        if (!RouteSyntax.IsPreciseHostname(backend.Name))
        {
            errors.Add($"{path}:Name", backend.Name, "the name of a service: letters, digits, '-' and '.'");
        }

        if (backend.Namespace is { } ns && !RouteSyntax.IsPreciseHostname(ns))
        {
            errors.Add($"{path}:Namespace", ns, "the name of a namespace: letters, digits and '-'");
        }

        if (backend.Weight is < 0 or > MaxWeight)
        {
            errors.Add($"{path}:Weight", backend.Weight, $"a whole number from 0 to {MaxWeight}");
        }

        if (backend.Port is < 1 or > MaxPort)
        {
            errors.Add($"{path}:Port", backend.Port, $"a whole number from 1 to {MaxPort}");
        }

        if (backend.Subset.Keys.Any(static label => label.Length == 0))
        {
            errors.Add($"{path}:Subset", "the name of a label is empty.");
        }

        var filters = CompileFilters(backend.Filters, $"{path}:Filters", errors);
        return new RouteBackend(backend.Name, backend.Namespace, backend.Port, Math.Max(0, backend.Weight))
        {
            IsResolved = backend.Unresolved is null,
            Subset = backend.Subset.Count == 0 ? null : backend.Subset.ToFrozenDictionary(StringComparer.Ordinal),
            RequestHeaders = filters.RequestHeaders,
            ResponseHeaders = filters.ResponseHeaders,
        };
    }

    private static FilterCompiler CompileFilters(List<RouteFilterOptions> filters, string path, ConfigurationErrors errors)
    {
        var compiler = new FilterCompiler(errors);
        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i].Type is { } type and not (RouteFilterType.RequestHeaderModifier or RouteFilterType.ResponseHeaderModifier))
            {
                errors.Add($"{path}:{i}:Type", type, "RequestHeaderModifier or ResponseHeaderModifier: other filters belong to the rule");
            }
            else
            {
                compiler.Add(filters[i], [], $"{path}:{i}");
            }
        }

        return compiler;
    }
}
