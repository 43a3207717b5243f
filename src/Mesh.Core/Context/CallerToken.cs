namespace Mesh;

/// <summary>
/// The access token that came with the request being served, after it was validated. <c>Mesh.Client</c> passes it on, or
/// exchanges it, for the services whose configuration asks for that, and for nobody else.
/// </summary>
public sealed class CallerToken
{
    private readonly ReadOnlyMemory<char> _text;
    private string? _value;

    /// <summary>Creates it.</summary>
    /// <param name="value">The token itself, without a scheme. It must have been validated: those who are called may trust this process to have done so.</param>
    /// <exception cref="ArgumentException">No header field could carry it: it is empty, or has characters other than visible ASCII.</exception>
    public CallerToken(string value)
        : this((value ?? throw new ArgumentNullException(nameof(value))).AsMemory()) => _value = value;

    /// <inheritdoc cref="CallerToken(string)"/>
    /// <remarks>Part of a longer text, of which it makes a text of its own when somebody asks for it.</remarks>
    public CallerToken(ReadOnlyMemory<char> value)
    {
        if (!IsSendable(value.Span))
        {
            throw new ArgumentException("A token is visible ASCII characters.", nameof(value));
        }

        _text = value;
    }

    /// <summary>The token itself. Do not log it.</summary>
    public string Value => _value ??= _text.ToString();

    /// <summary>Whether a text can be a token: RFC 6749, A.12, without the space, which would end it in a header field.</summary>
    public static bool IsSendable(ReadOnlySpan<char> value) => !value.IsEmpty && !value.ContainsAnyExceptInRange('!', '~');

    /// <summary>Does not show the token.</summary>
    public override string ToString() => "(caller's token)";
}
