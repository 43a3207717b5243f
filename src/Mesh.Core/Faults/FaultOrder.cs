using System.Globalization;
using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>The faults a request orders for itself, as with Envoy's <c>x-envoy-fault-*</c>. A field that cannot be read orders nothing.</summary>
internal readonly record struct FaultOrder(
    TimeSpan? Delay,
    double DelayShare,
    FaultAbort? Abort,
    double AbortShare,
    int? BytesPerSecond,
    double BandwidthShare)
{
    // Longer than anybody waits; a peer must not be able to keep a request for days.
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);

    public static bool TryRead<THeaders>(in THeaders headers, out FaultOrder order)
        where THeaders : struct, IFaultHeaders
    {
        order = new FaultOrder(
            ReadDelay(headers.Find(MeshHeaders.FaultDelay)),
            ReadShare(headers.Find(MeshHeaders.FaultDelayPercent)),
            headers.Find(MeshHeaders.FaultAbort) is { } abort && FaultAbort.TryParse(abort, out var parsed) ? parsed : null,
            ReadShare(headers.Find(MeshHeaders.FaultAbortPercent)),
            ReadRate(headers.Find(MeshHeaders.FaultBandwidth)),
            ReadShare(headers.Find(MeshHeaders.FaultBandwidthPercent)));
        return order != new FaultOrder(null, 1, null, 1, null, 1);
    }

    private static TimeSpan? ReadDelay(string? text) =>
        text is not null && GatewayDuration.TryParse(text, out var delay) && delay > TimeSpan.Zero && delay <= MaxDelay ? delay : null;

    private static int? ReadRate(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate > 0 ? rate : null;

    private static double ReadShare(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100 ? percent / 100 : 1;
}
