using System.Text;

namespace Mesh.Routing;

/// <summary>A condition on the first value of a query parameter, compared without building the decoded strings.</summary>
internal sealed class QueryMatch(string name, ValueMatch value)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);
    private readonly byte[] _text = Encoding.UTF8.GetBytes(value.Text);

    /// <summary>Equal for conditions that say the same.</summary>
    public string Identity => $"{name}\t{value.Type}\t{value.Text}";

    public bool Holds(ReadOnlySpan<char> query)
    {
        while (!query.IsEmpty)
        {
            var end = query.IndexOf('&');
            var parameter = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];

            var equals = parameter.IndexOf('=');
            if (FormDecoding.Equals(equals < 0 ? parameter : parameter[..equals], _name))
            {
                return HoldsFor(equals < 0 ? default : parameter[(equals + 1)..]);
            }
        }

        return value.Type == ValueMatchType.Absent;
    }

    private bool HoldsFor(ReadOnlySpan<char> sent) => value.Type switch
    {
        ValueMatchType.Present => true,
        ValueMatchType.Absent => false,
        ValueMatchType.RegularExpression => FormDecoding.IsMatch(sent, value.Pattern!),
        _ => FormDecoding.Equals(sent, _text),
    };
}
