using System.Buffers;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>A pool that knows what was not returned, and spoils what was: whoever still reads it shows.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly HashSet<byte[]> _rented = [];

    public int Rented
    {
        get
        {
            lock (_rented)
            {
                return _rented.Count;
            }
        }
    }

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength];
        lock (_rented)
        {
            _rented.Add(array);
        }

        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        lock (_rented)
        {
            Assert.That(_rented.Remove(array), Is.True, "returned twice, or never rented");
        }

        Array.Fill(array, (byte)0xEE);
    }
}
