namespace Mesh.Authorization;

/// <summary>For each beginning of a path that rules name, which rules: a tree of segments.</summary>
/// <remarks>Case is ignored, as the strictest of the patterns does: the rule itself then looks closely.</remarks>
internal sealed class BitsByPath
{
    private readonly Node _root;

    /// <param name="keys">For each rule the beginnings it names, or <see langword="null"/> for any path.</param>
    /// <param name="words">The size of a set.</param>
    public BitsByPath(string[][]?[] keys, int words)
    {
        _root = new Node(words);
        for (var number = 0; number < keys.Length; number++)
        {
            foreach (var segments in keys[number] ?? [[]])
            {
                var node = _root;
                foreach (var segment in segments)
                {
                    node = node.Child(segment);
                }

                Bits.Set(node.Bits, number);
            }
        }
    }

    /// <summary>Adds the rules that some beginning of the path is named by.</summary>
    public void Unite(ReadOnlySpan<char> path, Span<ulong> candidates)
    {
        Bits.Unite(_root.Bits, candidates);
        if (path is not ['/', .. var rest])
        {
            return;
        }

        var node = _root;
        foreach (var range in rest.Split('/'))
        {
            if (node.Find(rest[range]) is not { } child)
            {
                return;
            }

            node = child;
            Bits.Unite(node.Bits, candidates);
        }
    }

    private sealed class Node(int words)
    {
        private Dictionary<string, Node>? _children;
        private Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public ulong[] Bits { get; } = new ulong[words];

        public Node Child(string segment)
        {
            if (_children is null)
            {
                _children = new Dictionary<string, Node>(StringComparer.OrdinalIgnoreCase);
                _lookup = _children.GetAlternateLookup<ReadOnlySpan<char>>();
            }

            if (!_children.TryGetValue(segment, out var child))
            {
                _children[segment] = child = new Node(words);
            }

            return child;
        }

        public Node? Find(ReadOnlySpan<char> segment) => _children is not null && _lookup.TryGetValue(segment, out var child) ? child : null;
    }
}
