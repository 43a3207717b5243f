namespace Mesh.Client.Tests.Fixtures;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<bool> condition, Action? meanwhile = null)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!condition() && DateTime.UtcNow < deadline)
        {
            meanwhile?.Invoke();
            await Task.Delay(2);
        }

        Assert.That(condition(), Is.True);
    }
}
