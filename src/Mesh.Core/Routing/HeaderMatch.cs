namespace Mesh.Routing;

/// <summary>A condition on a header field.</summary>
internal sealed class HeaderMatch(string name, ValueMatch value)
{
    /// <summary>Equal for conditions that say the same.</summary>
    public string Identity => $"{name.ToUpperInvariant()}\t{value.Type}\t{value.Text}";

    public bool Holds<TRequest>(in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        var isPresent = request.TryGetHeader(name, out var sent);
        return value.Type switch
        {
            ValueMatchType.Present => isPresent,
            ValueMatchType.Absent => !isPresent,
            ValueMatchType.RegularExpression => isPresent && value.Pattern!.IsMatch(sent!),
            _ => isPresent && string.Equals(sent, value.Text, StringComparison.Ordinal),
        };
    }
}
