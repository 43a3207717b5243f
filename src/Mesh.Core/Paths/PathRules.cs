namespace Mesh.Paths;

/// <summary>What a canonical path may have in it, where servers differ.</summary>
[Flags]
public enum PathRules
{
    /// <summary>Escaped slashes are refused, escaped percent signs and path parameters kept.</summary>
    None = 0,

    /// <summary>
    /// <c>%2F</c> stays as it is and is no separator. Refused is what would become a dot segment where somebody decodes it
    /// (<c>a%2F..</c>).
    /// </summary>
    KeepEncodedSlashes = 1,

    /// <summary><c>%2F</c> is a slash. It comes before <see cref="KeepEncodedSlashes"/>.</summary>
    DecodeEncodedSlashes = 2,

    /// <summary><c>%25</c> is refused: behind it is an escape for whoever decodes twice.</summary>
    RefuseEncodedPercent = 4,

    /// <summary>A semicolon is refused, also an escaped one: some servers cut off what follows it before they look at the path.</summary>
    RefuseParameters = 8,
}
