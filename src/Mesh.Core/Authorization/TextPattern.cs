namespace Mesh.Authorization;

/// <summary>A compiled value of a field. It is asked about attributes that are there and not empty.</summary>
internal abstract class TextPattern
{
    public abstract bool Matches(ReadOnlySpan<char> attribute);
}
