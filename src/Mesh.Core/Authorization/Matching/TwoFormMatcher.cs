namespace Mesh.Authorization;

/// <summary>The positive and the <c>Not</c> form of one attribute; <see langword="null"/> is a form that was not given.</summary>
/// <remarks>An absent attribute matches no value: it never satisfies the positive form and always the <c>Not</c> form.</remarks>
internal abstract class TwoFormMatcher<TValue>(string name, TValue[]? any, TValue[]? none) : AttributeMatcher(name)
{
    public sealed override bool Holds(in AuthorizationRequest request) =>
        (any is null || MatchesAny(any, isNot: false, in request)) && (none is null || !MatchesAny(none, isNot: true, in request));

    protected abstract bool MatchesAny(TValue[] values, bool isNot, in AuthorizationRequest request);
}
