using System.Numerics;
using System.Runtime.InteropServices;

namespace Mesh.Server.Authentication;

/// <summary>
/// The token that came over a connection last. Nearly always it comes again, and to see that it is the same costs far less
/// than to hash it. Nothing is kept that the server does not keep anyway: it reuses the fields of a connection's last request.
/// </summary>
internal sealed class SeenToken(TokenSource source, ReadOnlyMemory<char> text, ValidatedToken token)
{
    public ValidatedToken Token => token;

    /// <summary>The token as calls may carry it on; <see langword="null"/> for one that only its issuer would call so.</summary>
    public CallerToken? Caller { get; } = CallerToken.IsSendable(text.Span) ? new CallerToken(text) : null;

    /// <summary>Whether it is this token in this place; takes as long for a token that differs in its first character as for one that differs in its last.</summary>
    public bool Is(TokenSource place, ReadOnlySpan<char> other) =>
        ReferenceEquals(source, place) && text.Length == other.Length && AreEqual(text.Span, other);

    private static bool AreEqual(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var lefts = MemoryMarshal.Cast<char, Vector<ushort>>(left);
        var rights = MemoryMarshal.Cast<char, Vector<ushort>>(right);
        var difference = Vector<ushort>.Zero;
        for (var i = 0; i < lefts.Length; i++)
        {
            difference |= lefts[i] ^ rights[i];
        }

        var rest = 0;
        for (var i = lefts.Length * Vector<ushort>.Count; i < left.Length; i++)
        {
            rest |= left[i] ^ right[i];
        }

        return difference == Vector<ushort>.Zero && rest == 0;
    }
}
