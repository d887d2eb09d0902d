/** The parts of ECharts that are used, and how charts look here: flat, in our colours, with patterns beside them. */
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

export type { EChartsCoreOption };
export { init };

export interface Bars {
  form: 'bars';
  labels: string[];
  values: number[];
}

export interface Lines {
  form: 'course';
  labels: string[];
  /** Bars for orders, a line for conversations. */
  series: { name: string; line: boolean; values: number[] }[];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function basis(large: boolean): EChartsCoreOption {
  const size = large ? 20 : 13;
  return {
    animation: false,
    aria: { enabled: true, decal: { show: true } },
    textStyle: { fontFamily: colour('--font'), fontSize: size, color: colour('--ink') },
    tooltip: { renderMode: 'richText', trigger: 'axis', axisPointer: { type: 'shadow' } },
  };
}

function axis(large: boolean): Record<string, unknown> {
  return {
    axisLabel: { color: colour('--ink'), fontSize: large ? 18 : 13 },
    axisLine: { lineStyle: { color: colour('--line-strong') } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('--line') } },
  };
}

/** What ECharts is given. */
export function optionOf(chart: Bars | Lines, large = false): EChartsCoreOption {
  if (chart.form === 'bars') {
    return {
      ...basis(large),
      aria: { enabled: true, decal: { show: false } },
      grid: { left: 8, right: 56, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: 'value', show: false },
      yAxis: { type: 'category', inverse: true, data: chart.labels, ...axis(large) },
      series: [
        {
          type: 'bar',
          data: chart.values,
          barMaxWidth: 16,
          itemStyle: { color: colour('--blue') },
          label: { show: true, position: 'right', color: colour('--ink') },
        },
      ],
    };
  }
  const colours = [colour('--blue'), colour('--green'), colour('--amber')];
  return {
    ...basis(large),
    color: colours,
    legend: {
      top: 0,
      left: 0,
      itemGap: 20,
      textStyle: { color: colour('--ink'), fontSize: large ? 18 : 13 },
    },
    grid: { left: 8, right: 16, top: large ? 44 : 34, bottom: 4, containLabel: true },
    xAxis: { type: 'category', data: chart.labels, ...axis(large) },
    yAxis: { type: 'value', minInterval: 1, ...axis(large), axisLine: { show: false } },
    series: chart.series.map((one) => ({
      name: one.name,
      type: one.line ? 'line' : 'bar',
      data: one.values,
      barMaxWidth: 18,
      ...(one.line && { symbolSize: 7, lineStyle: { width: 2.5, type: 'dashed' } }),
    })),
  };
}
