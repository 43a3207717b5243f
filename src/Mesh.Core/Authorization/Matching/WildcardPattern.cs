namespace Mesh.Authorization;

/// <summary>An exact value, <c>prefix*</c>, <c>*suffix</c>, or <c>*</c> for anything that is there.</summary>
internal sealed class WildcardPattern : TextPattern
{
    private readonly string _literal;
    private readonly Part _part;
    private readonly StringComparison _comparison;

    private WildcardPattern(string literal, Part part, StringComparison comparison)
    {
        _literal = literal;
        _part = part;
        _comparison = comparison;
    }

    private enum Part
    {
        Whole,
        Start,
        End,
    }

    /// <summary>Compiles a value; <see langword="null"/> when it is empty or has a <c>*</c> in any other place.</summary>
    public static WildcardPattern? Parse(string value, StringComparison comparison)
    {
        var (literal, part) = value switch
        {
            ['*', .. var end] => (end, Part.End),
            [.. var start, '*'] => (start, Part.Start),
            _ => (value, Part.Whole),
        };
        return value.Length == 0 || literal.Contains('*', StringComparison.Ordinal) ? null : new(literal, part, comparison);
    }

    public override bool Matches(ReadOnlySpan<char> attribute) => _part switch
    {
        Part.Start => attribute.StartsWith(_literal, _comparison),
        Part.End => attribute.EndsWith(_literal, _comparison),
        _ => attribute.Equals(_literal, _comparison),
    };
}
