namespace Mesh.Authorization;

/// <summary>
/// A path with operators, after Envoy's URI templates: <c>{*}</c> is one segment, not empty, and <c>{**}</c> any number of them.
/// </summary>
/// <remarks>
/// <c>{**}</c> is the last operator, so what follows it is a literal, and a match needs no backtracking: one walk over the
/// path and one comparison of its end.
/// </remarks>
internal sealed class PathTemplate : TextPattern
{
    private const string Segment = "{*}";
    private const string Segments = "{**}";

    private readonly string[] _literals;
    private readonly string? _tail;
    private readonly StringComparison _comparison;

    private PathTemplate(string[] literals, string? tail, StringComparison comparison)
    {
        _literals = literals;
        _tail = tail;
        _comparison = comparison;
    }

    /// <summary>Whether a value is meant as a template.</summary>
    public static bool IsTemplate(string value) => value.AsSpan().ContainsAny('{', '}');

    /// <summary>Compiles a template; <see langword="null"/> when an operator is unknown, out of place, or not a segment of its own.</summary>
    public static PathTemplate? Parse(string value, StringComparison comparison)
    {
        foreach (var range in value.AsSpan().Split('/'))
        {
            var segment = value.AsSpan()[range];
            if (segment is not (Segment or Segments) && segment.ContainsAny('{', '}', '*'))
            {
                return null;
            }
        }

        var end = value.IndexOf(Segments, StringComparison.Ordinal);
        var head = end < 0 ? value : value[..end];
        var tail = end < 0 ? null : value[(end + Segments.Length)..];
        return tail?.Contains('{', StringComparison.Ordinal) == true ? null : new(head.Split(Segment), tail, comparison);
    }

    public override bool Matches(ReadOnlySpan<char> attribute)
    {
        var rest = attribute;
        for (var index = 0; index < _literals.Length; index++)
        {
            if (index > 0)
            {
                var length = rest.IndexOf('/');
                length = length < 0 ? rest.Length : length;
                if (length == 0)
                {
                    return false;
                }

                rest = rest[length..];
            }

            if (!rest.StartsWith(_literals[index], _comparison))
            {
                return false;
            }

            rest = rest[_literals[index].Length..];
        }

        return _tail is null ? rest.IsEmpty : rest.EndsWith(_tail, _comparison);
    }
}
