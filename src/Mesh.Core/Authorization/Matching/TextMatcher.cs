namespace Mesh.Authorization;

/// <summary>What must hold of an attribute that is one text.</summary>
internal sealed class TextMatcher(string name, TextAttribute attribute, TextPattern[]? any, TextPattern[]? none)
    : TwoFormMatcher<TextPattern>(name, any, none)
{
    protected override bool MatchesAny(TextPattern[] values, bool isNot, in AuthorizationRequest request) =>
        TextPattern.AnyMatches(values, Text(in request));

    private string? Text(in AuthorizationRequest request) => attribute switch
    {
        TextAttribute.Namespace => request.Peer?.Namespace,
        TextAttribute.RequestPrincipal => request.RequestPrincipal,
        TextAttribute.Host => request.Host,
        TextAttribute.Method => request.Method,
        TextAttribute.Path => request.Path,
        _ => request.Attributes?.ServerName,
    };
}
