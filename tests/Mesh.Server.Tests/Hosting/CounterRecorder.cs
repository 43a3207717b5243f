using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Mesh.Server.Tests.Hosting;

/// <summary>The tags of every increment of one counter of one application.</summary>
internal sealed class CounterRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Dictionary<string, object?>> _tags = new();

    public CounterRecorder(IMeterFactory scope, string name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == name && ReferenceEquals(instrument.Meter.Scope, scope))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _tags.Enqueue(new Dictionary<string, object?>(tags.ToArray())));
        _listener.Start();
    }

    public IEnumerable<object?> Values(string tag) => _tags.Select(tags => tags[tag]);

    public void Dispose() => _listener.Dispose();
}
