using System.Text;
using Microsoft.Extensions.Configuration;

namespace Mesh.Gateway.Manifests;

/// <summary>One document of a file, as the reader of configurations takes it.</summary>
internal sealed class ManifestDocument
{
    /// <summary>The member with what an object is.</summary>
    public const string Spec = "spec";

    private readonly string _file;
    private readonly int _number;
    private readonly Dictionary<string, (string Path, long Line)> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly IConfigurationRoot _settings;

    /// <summary>Creates it.</summary>
    /// <param name="file">The name of its file.</param>
    /// <param name="number">Its position there, from 1.</param>
    /// <param name="values">All its values.</param>
    public ManifestDocument(string file, int number, IReadOnlyList<ManifestValue> values)
    {
        _file = file;
        _number = number;
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase);
        foreach (var value in values)
        {
            if (value.Path == Spec || value.Path.StartsWith($"{Spec}:", StringComparison.Ordinal))
            {
                settings[$"{Label}:{value.Path}"] = value.Text;
            }

            AddField(value);
        }

        _settings = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        Members = [.. values.Select(static value => value.Path.Split(':', 2)[0]).Distinct(StringComparer.Ordinal)];
        ApiVersion = TextOf("apiVersion");
        Kind = TextOf("kind");
        Name = TextOf("metadata:name");
        Namespace = TextOf("metadata:namespace");

        string? TextOf(string path) => values.FirstOrDefault(value => value.Path == path).Text;
    }

    /// <summary>What paths of its fields begin with.</summary>
    public string Label => $"{_file}#{_number}";

    /// <summary>The names of its members.</summary>
    public IReadOnlyCollection<string> Members { get; }

    /// <summary>Group and version of the kind.</summary>
    public string? ApiVersion { get; }

    /// <summary>What it is.</summary>
    public string? Kind { get; }

    /// <summary>Its name.</summary>
    public string? Name { get; }

    /// <summary>Its namespace.</summary>
    public string? Namespace { get; }

    /// <summary>The section to read.</summary>
    public IConfigurationSection Section => _settings.GetSection($"{Label}:{Spec}");

    /// <summary>A path of configuration as somebody who has the file before him would say it: <c>spec.rules[0].matches[1].path</c>.</summary>
    public string Describe(string path)
    {
        var known = path;
        while (known.Length > 0 && !_fields.ContainsKey(known))
        {
            known = known[..Math.Max(0, known.LastIndexOf(':'))];
        }

        var (written, line) = known.Length == 0 ? ("", 0) : _fields[known];
        var text = new StringBuilder($"{_file}, document {_number}");
        if (line > 0)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $", line {line}");
        }

        text.Append(": ");
        var start = text.Length;
        foreach (var segment in (written + path[known.Length..]).Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment.All(char.IsAsciiDigit))
            {
                text.Append('[').Append(segment).Append(']');
            }
            else
            {
                text.Append(text.Length == start ? "" : ".").Append(char.ToLowerInvariant(segment[0])).Append(segment.AsSpan(1));
            }
        }

        return text.ToString();
    }

    // A collection is on the line of the first of its values.
    private void AddField(in ManifestValue value)
    {
        for (var path = value.Path; path.Length > 0 && _fields.TryAdd(path, (path, value.Line)); path = path[..Math.Max(0, path.LastIndexOf(':'))])
        {
        }
    }
}
