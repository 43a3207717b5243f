using Mesh.Client.Calls;
using Mesh.Faults;

namespace Mesh.Client.Faults;

/// <summary>A stream that is read at a certain rate.</summary>
internal sealed class PacedStream(Stream body, BodyPace pace) : BodyStream(body)
{
    public override int Read(Span<byte> buffer)
    {
        pace.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Count(Body.Read(buffer[..Math.Min(buffer.Length, pace.MaxPart)]));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await pace.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Count(await Body.ReadAsync(buffer[..Math.Min(buffer.Length, pace.MaxPart)], cancellationToken).ConfigureAwait(false));
    }

    private int Count(int length)
    {
        pace.Count(length);
        return length;
    }
}
