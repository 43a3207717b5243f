namespace Shop;

/// <summary>What can be done to the shop while customers shop: by keys, or by a script.</summary>
internal sealed class Scenario(ShopProcesses shop)
{
    public const int CanaryBefore = 5;
    public const int CanaryAfter = 15;

    private const string CanaryWeight = "Mesh:Client:Services:orders:Rules:0:BackendRefs:1:Weight";
    private const string MainWeight = "Mesh:Client:Services:orders:Rules:0:BackendRefs:0:Weight";
    private const string Delay = "Trouble:DelayMilliseconds";
    private const string Faults = "Trouble:FaultPercent";

    private bool _slow;
    private bool _faulty;
    private int _canary = CanaryBefore;

    public string KillOrRestart()
    {
        var replica = shop.Orders[0];
        if (replica.IsRunning)
        {
            replica.Kill();
            return $"{replica.Name} was killed (SIGKILL)";
        }

        replica.Start();
        return $"{replica.Name} is starting again";
    }

    public string ToggleSlow()
    {
        _slow = !_slow;
        shop.Orders[1].Edit(Delay, _slow ? 2000 : 0);
        return _slow ? $"{shop.Orders[1].Name} takes 2 s for every answer" : $"{shop.Orders[1].Name} is fast again";
    }

    public string ToggleFaults()
    {
        _faulty = !_faulty;
        shop.Orders[2].Edit(Faults, _faulty ? 30 : 0);
        return _faulty ? $"{shop.Orders[2].Name} answers 503 to 30 % of its requests" : $"{shop.Orders[2].Name} is well again";
    }

    public string ShiftCanary()
    {
        _canary = _canary == CanaryBefore ? CanaryAfter : CanaryBefore;
        shop.Storefront.Edit(MainWeight, 100 - _canary);
        shop.Storefront.Edit(CanaryWeight, _canary);
        return $"orders-v2 gets {_canary} % of the calls (appsettings.json of the storefront was edited)";
    }
}
