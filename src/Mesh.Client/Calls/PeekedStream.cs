namespace Mesh.Client.Calls;

/// <summary>A stream whose beginning lies in a buffer, or will when the first read ends.</summary>
internal sealed class PeekedStream(Stream body, byte[] buffer, Task<int> first) : BodyStream(body)
{
    private int _taken;

    public override int Read(Span<byte> destination)
    {
        var length = first.GetAwaiter().GetResult();
        return _taken < length ? Take(destination, length) : Body.Read(destination);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var length = await first.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _taken < length
            ? Take(destination.Span, length)
            : await Body.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    private int Take(Span<byte> destination, int length)
    {
        var count = Math.Min(destination.Length, length - _taken);
        buffer.AsSpan(_taken, count).CopyTo(destination);
        _taken += count;
        return count;
    }
}
