# The seconds of a step of aesthetic gradients in torch: python3 torch_step.py WIDTH INNER LAYERS HEADS TOKENS DIMS STEPS THREADS
import statistics
import sys
import time

import torch
from torch.nn import LayerNorm, Linear, Module, Parameter

width, inner, layers, heads, tokens, dims, steps, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)
causal = torch.full((tokens, tokens), float("-inf")).triu(1)


class Layer(Module):
    def __init__(self):
        super().__init__()
        self.before, self.qkv, self.out = LayerNorm(width), Linear(width, 3 * width), Linear(width, width)
        self.after, self.up, self.down = LayerNorm(width), Linear(width, inner), Linear(inner, width)

    def forward(self, x):
        q, k, v = self.qkv(self.before(x)).view(tokens, 3, heads, width // heads).permute(1, 2, 0, 3)
        weights = (q @ k.transpose(-1, -2) * (width // heads) ** -0.5 + causal).softmax(-1)
        x = x + self.out((weights @ v).transpose(0, 1).reshape(tokens, width))
        h = self.up(self.after(x))
        return x + self.down(h * torch.sigmoid(1.702 * h))


class Tower(Module):
    def __init__(self):
        super().__init__()
        self.rows = Parameter(torch.randn(tokens, width) * 0.02)
        self.layers = torch.nn.Sequential(*[Layer() for _ in range(layers)])
        self.last, self.projection = LayerNorm(width), Linear(width, dims, bias=False)

    def forward(self):
        return self.projection(self.last(self.layers(self.rows))[-1])


tower, target = Tower(), torch.nn.functional.normalize(torch.randn(dims), dim=0)
adam = torch.optim.Adam(tower.parameters(), lr=1e-4)
times = []
for _ in range(steps + 2):
    start = time.perf_counter()
    loss = -torch.nn.functional.normalize(tower(), dim=0) @ target
    adam.zero_grad()
    loss.backward()
    adam.step()
    times.append(time.perf_counter() - start)
print(statistics.median(times[2:]))  # The first ones allocate.
