using BenchmarkDotNet.Running;
using Tastemaker.Bench;

if (args is ["serve", .. var rest])
{
    return await ServeBench.Run(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
