using System.Collections.Immutable;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates and compiles changes to header fields.</summary>
internal static class HeaderModifierCompiler
{
    public static HeaderModifier Compile(HeaderModifierOptions options, string path, ConfigurationErrors errors)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        return new HeaderModifier(
            CompileFields(options.Set, names, $"{path}:{nameof(options.Set)}", errors),
            CompileFields(options.Add, names, $"{path}:{nameof(options.Add)}", errors),
            CompileNames(options.Remove, names, $"{path}:{nameof(options.Remove)}", errors));
    }

    private static ImmutableArray<RouteHeader> CompileFields(List<HeaderOptions> fields, HashSet<string> names, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            CheckName(fields[i].Name, names, $"{path}:{i}:Name", errors);
            if (!RouteSyntax.IsFieldValue(fields[i].Value))
            {
                errors.Add($"{path}:{i}:Value", fields[i].Value, "printable ASCII without spaces around it");
            }
        }

        return [.. fields.Select(static field => new RouteHeader(field.Name, field.Value))];
    }

    private static ImmutableArray<string> CompileNames(List<string> fields, HashSet<string> names, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            CheckName(fields[i], names, $"{path}:{i}", errors);
        }

        return [.. fields];
    }

    private static void CheckName(string name, HashSet<string> names, string path, ConfigurationErrors errors)
    {
        if (!RouteSyntax.IsToken(name))
        {
            errors.Add(path, name, "the name of a header field");
        }
        else if (ProtectedHeaders.Contains(name))
        {
            errors.Add(path, name, "a field that does not belong to the protocol or the mesh; the host is changed by URLRewrite");
        }
        else if (!names.Add(name))
        {
            errors.Add(path, name, "each field once in a filter");
        }
    }
}
