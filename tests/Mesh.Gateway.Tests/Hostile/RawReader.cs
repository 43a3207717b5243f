using System.Globalization;
using System.Text;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>Reads requests off a connection, byte by byte.</summary>
internal sealed class RawReader(Stream stream)
{
    private readonly byte[] _one = new byte[1];

    /// <returns><see langword="null"/> at the end of the connection.</returns>
    /// <exception cref="FormatException">What arrives is no request.</exception>
    public async Task<RawRequest?> ReadRequestAsync(CancellationToken cancellation)
    {
        if (await ReadLineAsync(cancellation) is not { } line)
        {
            return null;
        }

        var fields = new List<(string, string)>();
        while (await ReadLineAsync(cancellation) is { Length: > 0 } field)
        {
            var colon = field.IndexOf(": ", StringComparison.Ordinal);
            fields.Add(colon < 1 ? throw new FormatException($"field line '{field}' below '{line}'") : (field[..colon], field[(colon + 2)..]));
        }

        var request = new RawRequest(line, fields, "");
        if (request["Transfer-Encoding"] is { } encoding)
        {
            return encoding == "chunked" ? request with { Body = await ReadChunksAsync(cancellation) } : throw new FormatException($"Transfer-Encoding '{encoding}'");
        }

        return request["Content-Length"] is not { } length
            ? request
            : length.All(char.IsAsciiDigit)
                ? request with { Body = await ReadBytesAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellation) }
                : throw new FormatException($"Content-Length '{length}'");
    }

    private async Task<string> ReadChunksAsync(CancellationToken cancellation)
    {
        var body = new StringBuilder();
        while (true)
        {
            var size = await ReadLineAsync(cancellation) ?? throw new EndOfStreamException();
            if (!size.All(char.IsAsciiHexDigit) || size.Length is 0 or > 7)
            {
                throw new FormatException($"chunk size '{size}'");
            }

            body.Append(await ReadBytesAsync(int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture), cancellation));
            if (await ReadLineAsync(cancellation) is not "")
            {
                throw new FormatException("a chunk longer than its size, or a trailer");
            }

            if (size.Trim('0').Length == 0)
            {
                return body.ToString();
            }
        }
    }

    private async Task<string> ReadBytesAsync(int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return Encoding.Latin1.GetString(bytes);
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (await stream.ReadAsync(_one, cancellation) > 0)
        {
            if (_one[0] == '\n')
            {
                return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : throw new FormatException($"bare LF behind '{line}'");
            }

            line.Append((char)_one[0]);
        }

        return line.Length == 0 ? null : throw new EndOfStreamException();
    }
}
