using System.Text;

namespace Mesh.Identity.Forwarded;

/// <summary>
/// Reads <c>key=value;key="quoted value",…</c>: commas between hops, semicolons between pairs. One pass, every character at
/// most twice.
/// </summary>
/// <remarks>
/// Envoy documents <c>\"</c> as the only escape. The subjects it writes have escapes of their own (RFC 2253), and in
/// <c>"CN=a\\"</c> the quotation ends: a backslash therefore always takes the character after it along. <c>\"</c> and
/// <c>\\</c> stand for their second character, any other pair for itself.
/// </remarks>
internal ref struct ForwardedHeaderReader(ReadOnlySpan<char> header)
{
    private const int MaxNames = 256;

    private readonly ReadOnlySpan<char> _header = header;
    private int _at;

    /// <summary>The hops, or <see langword="null"/> when the header is malformed.</summary>
    public List<ForwardedClientCertificate>? Read()
    {
        foreach (var character in _header)
        {
            if (char.IsControl(character) && character != '\t')
            {
                return null;
            }
        }

        List<ForwardedClientCertificate> hops = [];
        while (true)
        {
            SkipSpace();
            if (_at == _header.Length)
            {
                return hops;
            }

            // An empty element is no hop (RFC 9110, 5.6.1.2).
            if (_header[_at] == ',')
            {
                _at++;
                continue;
            }

            if (hops.Count == ForwardedClientCertificate.MaxHops || ReadHop() is not { } hop)
            {
                return null;
            }

            hops.Add(hop);
        }
    }

    private ForwardedClientCertificate? ReadHop()
    {
        List<string>? by = null, uris = null, names = null;
        string? hash = null, subject = null, certificate = null, chain = null;
        do
        {
            if (!TryReadKey(out var key) || ReadValue() is not { } value)
            {
                return null;
            }

            var valid = key switch
            {
                _ when Is(key, "By") => Add(ref by, value),
                _ when Is(key, "URI") => Add(ref uris, value),
                _ when Is(key, "DNS") => Add(ref names, value),
                _ when Is(key, "Hash") => Set(ref hash, value),
                _ when Is(key, "Subject") => Set(ref subject, value),
                _ when Is(key, "Cert") => Set(ref certificate, value),
                _ when Is(key, "Chain") => Set(ref chain, value),
                _ => true,
            };
            if (!valid)
            {
                return null;
            }
        }
        while (TrySkip(';'));

        return _at == _header.Length || TrySkip(',')
            ? new ForwardedClientCertificate
            {
                By = by ?? [],
                Uris = uris ?? [],
                DnsNames = names ?? [],
                Hash = hash,
                Subject = subject,
                EncodedCertificate = certificate,
                EncodedChain = chain,
            }
            : null;
    }

    private bool TryReadKey(out ReadOnlySpan<char> key)
    {
        SkipSpace();
        var length = _header[_at..].IndexOfAny("=,;\"");
        key = length > 0 ? _header.Slice(_at, length) : default;
        _at += length + 1;
        return length > 0 && _header[_at - 1] == '=';
    }

    private string? ReadValue()
    {
        if (_at < _header.Length && _header[_at] == '"')
        {
            return ReadQuoted();
        }

        // Envoy does not quote URIs, and an "=" in one does no harm: the key ended at the first.
        var length = _header[_at..].IndexOfAny(",;\"");
        var end = length < 0 ? _header.Length : _at + length;
        if (end < _header.Length && _header[end] == '"')
        {
            return null;
        }

        var value = _header[_at..end].TrimEnd(" \t");
        _at = end;
        return value.ToString();
    }

    private string? ReadQuoted()
    {
        var start = ++_at;
        StringBuilder? unescaped = null;
        while (true)
        {
            var length = _header[_at..].IndexOfAny('"', '\\');
            if (length < 0)
            {
                return null;
            }

            _at += length;
            if (_header[_at] == '"')
            {
                var rest = _header[start.._at++];
                SkipSpace();
                return unescaped is null ? rest.ToString() : unescaped.Append(rest).ToString();
            }

            if (_at + 1 == _header.Length)
            {
                return null;
            }

            var isEscape = _header[_at + 1] is '"' or '\\';
            (unescaped ??= new StringBuilder()).Append(_header[start..(isEscape ? _at : _at + 1)]).Append(_header[_at + 1]);
            start = _at += 2;
        }
    }

    private bool TrySkip(char separator)
    {
        if (_at < _header.Length && _header[_at] == separator)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void SkipSpace()
    {
        while (_at < _header.Length && _header[_at] is ' ' or '\t')
        {
            _at++;
        }
    }

    private static bool Is(ReadOnlySpan<char> key, string name) => key.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool Set(ref string? field, string value)
    {
        // Two values would let two readers choose differently.
        if (field is not null)
        {
            return false;
        }

        field = value;
        return true;
    }

    private static bool Add(ref List<string>? field, string value)
    {
        (field ??= []).Add(value);
        return field.Count <= MaxNames;
    }
}
