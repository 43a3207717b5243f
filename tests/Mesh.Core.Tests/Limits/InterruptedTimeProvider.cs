using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

/// <summary>Lets something happen at the n-th reading of the clock, as another thread would make it happen there.</summary>
internal sealed class InterruptedTimeProvider : FakeTimeProvider
{
    private Action? _interruption;
    private int _readings;
    private bool _isLate;

    /// <param name="afterReadings">How many readings come before.</param>
    /// <param name="interruption">What happens.</param>
    /// <param name="isLate">Whether the clock was read already, and what it says is used afterwards.</param>
    public void Interrupt(int afterReadings, Action interruption, bool isLate = false)
    {
        _readings = afterReadings;
        _interruption = interruption;
        _isLate = isLate;
    }

    public override long GetTimestamp()
    {
        if (_interruption is { } interruption && _readings-- == 0)
        {
            _interruption = null;
            var read = base.GetTimestamp();
            interruption();
            if (_isLate)
            {
                return read;
            }
        }

        return base.GetTimestamp();
    }
}
