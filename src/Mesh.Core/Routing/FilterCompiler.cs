using System.Collections.Immutable;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates and compiles the filters of one rule.</summary>
internal sealed class FilterCompiler(ConfigurationErrors errors)
{
    private readonly HashSet<RouteFilterType> _seen = [];

    public HeaderModifier? RequestHeaders { get; private set; }

    public HeaderModifier? ResponseHeaders { get; private set; }

    public UrlRewrite? Rewrite { get; private set; }

    public void Add(RouteFilterOptions filter, List<RouteMatchOptions> matches, string path)
    {
        if (filter.Type is not { } type)
        {
            errors.AddMissing($"{path}:{nameof(filter.Type)}", $"one of {string.Join(", ", Enum.GetNames<RouteFilterType>())}");
            return;
        }

        if (!_seen.Add(type))
        {
            errors.Add($"{path}:{nameof(filter.Type)}", type, "each type once in a rule");
        }

        RequestHeaders = CompileHeaders(filter.RequestHeaderModifier, type, RouteFilterType.RequestHeaderModifier, path) ?? RequestHeaders;
        ResponseHeaders = CompileHeaders(filter.ResponseHeaderModifier, type, RouteFilterType.ResponseHeaderModifier, path) ?? ResponseHeaders;
        if (IsExpected(filter.URLRewrite is not null, type, RouteFilterType.URLRewrite, path))
        {
            Rewrite = RewriteCompiler.Compile(filter.URLRewrite!, matches, $"{path}:{nameof(RouteFilterType.URLRewrite)}", errors);
        }
    }

    // A member that does not go with the type would silently do nothing.
    private bool IsExpected(bool present, RouteFilterType type, RouteFilterType member, string path)
    {
        if (present != (type == member))
        {
            errors.Add($"{path}:{member}", present ? $"there is no place for it in a filter of type {type}." : $"a filter of type {type} needs it.");
        }

        return present && type == member;
    }

    private HeaderModifier? CompileHeaders(HeaderModifierOptions? options, RouteFilterType type, RouteFilterType member, string path)
    {
        if (!IsExpected(options is not null, type, member, path))
        {
            return null;
        }

        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        var modifierPath = $"{path}:{member}";
        return new HeaderModifier(
            CompileFields(options!.Set, names, $"{modifierPath}:{nameof(options.Set)}"),
            CompileFields(options.Add, names, $"{modifierPath}:{nameof(options.Add)}"),
            CompileNames(options.Remove, names, $"{modifierPath}:{nameof(options.Remove)}"));
    }

    private ImmutableArray<RouteHeader> CompileFields(List<HeaderOptions> fields, HashSet<string> names, string path)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            CheckName(fields[i].Name, names, $"{path}:{i}:Name");
            if (!RouteSyntax.IsFieldValue(fields[i].Value))
            {
                errors.Add($"{path}:{i}:Value", fields[i].Value, "printable ASCII without spaces around it");
            }
        }

        return [.. fields.Select(static field => new RouteHeader(field.Name, field.Value))];
    }

    private ImmutableArray<string> CompileNames(List<string> fields, HashSet<string> names, string path)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            CheckName(fields[i], names, $"{path}:{i}");
        }

        return [.. fields];
    }

    private void CheckName(string name, HashSet<string> names, string path)
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
