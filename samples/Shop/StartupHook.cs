/// <summary>
/// Loaded into every child by DOTNET_STARTUP_HOOKS: when the runner dies, however it dies, the pipe to the child's
/// standard input closes and the child ends.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        var watcher = new Thread(static () =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
            }

            Environment.Exit(0);
        })
        { IsBackground = true };
        watcher.Start();
    }
}
