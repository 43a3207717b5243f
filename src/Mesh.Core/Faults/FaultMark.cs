using System.Diagnostics;

namespace Mesh.Faults;

/// <summary>The words by which injected faults are told from real ones: in <see cref="MeshHeaders.Fault"/>, spans and metrics.</summary>
public static class FaultMark
{
    /// <summary>The tag of spans and metrics.</summary>
    public const string Tag = "mesh.fault";

    private static readonly string[] Texts =
    [
        "", "delay", "abort", "delay, abort", "bandwidth", "delay, bandwidth", "abort, bandwidth", "delay, abort, bandwidth",
    ];

    /// <summary>The words for <paramref name="kinds"/>, joined by commas.</summary>
    public static string Format(FaultKinds kinds) => Texts[(int)kinds];

    /// <summary>Tags the span that is under way.</summary>
    public static void Tell(FaultKinds kinds)
    {
        if (Activity.Current is { IsAllDataRequested: true } activity)
        {
            activity.SetTag(Tag, Format(kinds));
        }
    }
}
