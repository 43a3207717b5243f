using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>Hears the spans of the mesh that one test starts; other tests run beside it.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly Activity _root = new Activity("test").Start();

    public SpanRecorder(Action<Activity>? started = null)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Mesh.Client",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity =>
            {
                if (activity.TraceId == _root.TraceId)
                {
                    started?.Invoke(activity);
                }
            },
            ActivityStopped = activity =>
            {
                if (activity.TraceId == _root.TraceId)
                {
                    Stopped.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ConcurrentQueue<Activity> Stopped { get; } = new();

    public void Dispose()
    {
        _listener.Dispose();
        _root.Dispose();
    }
}
