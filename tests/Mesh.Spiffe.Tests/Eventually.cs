namespace Mesh.Spiffe.Tests;

/// <summary>Waits for what happens in another process's time.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail($"In 20 seconds: {what}.");
    }
}
