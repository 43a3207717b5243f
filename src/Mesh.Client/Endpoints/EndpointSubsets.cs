namespace Mesh.Client.Endpoints;

/// <summary>The subsets of an <see cref="EndpointSet"/> that routes have asked for, each made once.</summary>
internal sealed class EndpointSubsets(Func<IReadOnlyDictionary<string, string>, EndpointSet> create)
{
    // Reloads may bring new labels again and again while discovery never changes.
    private const int MaxKept = 64;

    private readonly Lock _lock = new();
    private volatile (IReadOnlyDictionary<string, string> Labels, EndpointSet Set)[] _known = [];

    public EndpointSet Get(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (known, set) in _known)
        {
            // A compiled rule always asks with the same object.
            if (ReferenceEquals(known, labels))
            {
                return set;
            }
        }

        return Add(labels);
    }

    private EndpointSet Add(IReadOnlyDictionary<string, string> labels)
    {
        lock (_lock)
        {
            var known = _known;
            var index = Array.FindIndex(known, entry => AreEqual(entry.Labels, labels));
            var set = index < 0 ? create(labels) : known[index].Set;
            if (index >= 0 && known.Length == MaxKept)
            {
                // The rules were reloaded: the subset stays, with its balancer's state.
                known = [.. known];
                known[index] = (labels, set);
            }
            else
            {
                // Two rules may name one subset, each with an object of its own; and so may the same rule after a reload.
                known = known.Length < MaxKept ? [.. known, (labels, set)] : [(labels, set)];
            }

            _known = known;
            return set;
        }
    }

    private static bool AreEqual(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
