using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Hygiene;

/// <summary>What a header field may look like that is passed on: RFC 9110, 5.5 and 5.6.2, without the octets that are not ASCII.</summary>
/// <remarks>A value neither begins nor ends with a blank: in HTTP/1.1 it would be part of the line, and whoever compared it has seen another one.</remarks>
internal static class FieldSyntax
{
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Text = SearchValues.Create(['\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(static code => (char)code)]);

    public static bool IsSound(string name, StringValues values)
    {
        if (name.AsSpan().ContainsAnyExcept(Token))
        {
            return false;
        }

        foreach (var value in values)
        {
            if (value is [' ' or '\t', ..] or [.., ' ' or '\t'] || value.AsSpan().ContainsAnyExcept(Text))
            {
                return false;
            }
        }

        return true;
    }
}
