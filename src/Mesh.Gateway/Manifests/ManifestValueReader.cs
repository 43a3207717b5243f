using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mesh.Gateway.Manifests;

/// <summary>
/// Reads the values of one document from the events of the parser. Depth and number of values are bounded, those that aliases
/// repeat included: a few lines of aliases of aliases ("billion laughs") would fill the memory.
/// </summary>
internal sealed class ManifestValueReader(IParser parser)
{
    /// <summary>How deep collections may be in each other.</summary>
    public const int MaxDepth = 32;

    /// <summary>How many values a document may have.</summary>
    public const int MaxValues = 100_000;

    private readonly List<ManifestValue> _values = [];
    private readonly Dictionary<AnchorName, (int Start, int End, string Path)> _anchors = [];

    /// <exception cref="ManifestSyntaxException">It is not what is read here.</exception>
    public List<ManifestValue> Read()
    {
        Read("", 0);
        return _values;
    }

    private void Read(string path, int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            Repeat(alias, path);
            return;
        }

        if (parser.Current is not NodeEvent node)
        {
            throw new ManifestSyntaxException("a value is missing.", parser.Current?.Start.Line ?? 1);
        }

        if (depth > MaxDepth)
        {
            throw new ManifestSyntaxException($"found collections deeper than {MaxDepth}, allowed are so many.", node.Start.Line);
        }

        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && !node.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
        {
            throw new ManifestSyntaxException($"found the tag '{node.Tag.Value}', allowed are those of YAML itself.", node.Start.Line);
        }

        var start = _values.Count;
        switch (node)
        {
            case Scalar scalar:
                parser.MoveNext();
                Add(path, TextOf(scalar), scalar.Start.Line);
                break;
            case SequenceStart:
                ReadSequence(path, depth);
                break;
            default:
                ReadMapping(path, depth);
                break;
        }

        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor] = (start, _values.Count, path);
        }
    }

    private void ReadSequence(string path, int depth)
    {
        var line = parser.Consume<SequenceStart>().Start.Line;
        var count = 0;
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            Read(Combine(path, count.ToString(CultureInfo.InvariantCulture)), depth + 1);
            count++;
        }

        if (count == 0)
        {
            // As the JSON provider has it: an empty list is there, and an empty section is not.
            Add(path, "", line);
        }
    }

    private void ReadMapping(string path, int depth)
    {
        var line = parser.Consume<MappingStart>().Start.Line;

        // Settings do not tell cases apart; the labels and annotations of an object do.
        var isSpec = path.StartsWith(ManifestDocument.Spec, StringComparison.Ordinal);
        HashSet<string> keys = new(isSpec ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
            {
                throw new ManifestSyntaxException("a key is a text.", parser.Current?.Start.Line ?? line);
            }

            CheckKey(key, isSpec);
            if (!keys.Add(key.Value))
            {
                throw new ManifestSyntaxException($"the key '{key.Value}' is there twice.", key.Start.Line);
            }

            Read(Combine(path, key.Value), depth + 1);
        }

        if (keys.Count == 0)
        {
            Add(path, null, line);
        }
    }

    private static void CheckKey(Scalar key, bool isSpec)
    {
        if (key is { Value: "<<", IsPlainImplicit: true })
        {
            throw new ManifestSyntaxException("merge keys ('<<') are not supported: they are no part of YAML 1.2.", key.Start.Line);
        }

        if (isSpec && (key.Value.Length == 0 || key.Value.Contains(':', StringComparison.Ordinal)))
        {
            throw new ManifestSyntaxException($"found the key '{key.Value}', allowed is a text without ':'.", key.Start.Line);
        }
    }

    private void Repeat(AnchorAlias alias, string path)
    {
        // An alias inside of what its anchor names has no end, and is not known yet.
        if (!_anchors.TryGetValue(alias.Value, out var anchored))
        {
            throw new ManifestSyntaxException($"nothing before it is called '&{alias.Value}'.", alias.Start.Line);
        }

        for (var i = anchored.Start; i < anchored.End; i++)
        {
            Add(path + _values[i].Path[anchored.Path.Length..], _values[i].Text, alias.Start.Line);
        }
    }

    private void Add(string path, string? text, long line)
    {
        if (_values.Count == MaxValues)
        {
            throw new ManifestSyntaxException($"found more than {MaxValues} values, allowed are so many.", line);
        }

        _values.Add(new ManifestValue(path, text, line));
    }

    // The core schema of YAML 1.2.
    private static string? TextOf(Scalar scalar) =>
        scalar.IsPlainImplicit && scalar.Value is "" or "~" or "null" or "Null" or "NULL" ? null : scalar.Value;

    private static string Combine(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";
}
