using System.Buffers;
using System.Text;

namespace Mesh.Identity.Forwarded;

/// <summary>Writes one hop in the order and with the quoting of Envoy.</summary>
internal static class ForwardedHeaderWriter
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;=\" \\");

    public static string Write(ForwardedClientCertificate hop)
    {
        var text = new StringBuilder(256);
        foreach (var by in hop.By)
        {
            Add(text, "By", by);
        }

        Add(text, "Hash", hop.Hash);
        Add(text, "Cert", hop.EncodedCertificate, alwaysQuoted: true);
        Add(text, "Chain", hop.EncodedChain, alwaysQuoted: true);
        Add(text, "Subject", hop.Subject, alwaysQuoted: true);
        foreach (var uri in hop.Uris)
        {
            Add(text, "URI", uri);
        }

        foreach (var name in hop.DnsNames)
        {
            Add(text, "DNS", name);
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string key, string? value, bool alwaysQuoted = false)
    {
        if (value is null)
        {
            return;
        }

        if (text.Length > 0)
        {
            text.Append(';');
        }

        text.Append(key).Append('=');
        if (alwaysQuoted || value.AsSpan().ContainsAny(Quoted))
        {
            text.Append('"');
            AppendQuoted(text, value);
            text.Append('"');
        }
        else
        {
            AppendPlain(text, value);
        }
    }

    private static void AppendQuoted(StringBuilder text, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            // A backslash is doubled only where it would otherwise take a quotation mark or another backslash along: the
            // escapes within a subject stay as Envoy leaves them.
            if (value[i] == '"' || (value[i] == '\\' && (i + 1 == value.Length || value[i + 1] is '"' or '\\')))
            {
                text.Append('\\');
            }

            text.Append(Printable(value[i]));
        }
    }

    private static void AppendPlain(StringBuilder text, string value)
    {
        foreach (var character in value)
        {
            text.Append(Printable(character));
        }
    }

    // Names come from certificates of others, and a line break among them would end the header.
    private static char Printable(char character) => character is >= ' ' and <= '~' ? character : '?';
}
