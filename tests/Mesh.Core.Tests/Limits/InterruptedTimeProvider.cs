using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

/// <summary>Lets something happen at the n-th reading of the clock, as another thread would make it happen there.</summary>
internal sealed class InterruptedTimeProvider : FakeTimeProvider
{
    private Action? _interruption;
    private int _readings;

    public void Interrupt(int afterReadings, Action interruption)
    {
        _readings = afterReadings;
        _interruption = interruption;
    }

    public override long GetTimestamp()
    {
        if (_interruption is { } interruption && _readings-- == 0)
        {
            _interruption = null;
            interruption();
        }

        return base.GetTimestamp();
    }
}
