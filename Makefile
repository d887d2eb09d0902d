# Two commands are enough: `make run` and `make test`. `make help` lists the others.

SETUP := sh deploy/setup.sh
HOTLINE := .venv/hotline/bin

.DEFAULT_GOAL := help
.PHONY: help setup run stop train shell test check format knowledge-check eval bench lock clean

help: ## 列出全部命令
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## 只安装，不启动
	@$(SETUP) service rasa widget console

run: setup ## 装好、训练、启动，最后打印网址（Ctrl-C 停止）
	@$(HOTLINE)/hotline run

stop: ## 停止正在运行的热线
	@$(HOTLINE)/hotline stop

train: ## 训练对话模型（数据没变就不训练）
	@$(SETUP) service rasa
	@$(HOTLINE)/hotline train

shell: train ## 在终端里和 Rasa 直接说话
	@$(HOTLINE)/hotline shell

test: ## 缺什么装什么，然后跑全部测试
	@$(SETUP) dev rasa georeport widget console
	@$(HOTLINE)/python -m tests.suite

check: ## 只检查写法和类型（几十秒）
	@$(SETUP) dev rasa packages
	@$(HOTLINE)/python -m tests.suite check

format: ## 整理代码格式
	@$(SETUP) dev packages
	@$(HOTLINE)/ruff check --fix --exit-zero .
	@$(HOTLINE)/ruff format .
	@$(SETUP) npm run format
	@$(SETUP) npm console run format

knowledge-check: ## 检查知识库，错在哪个文件哪一行
	@$(SETUP) service
	@$(HOTLINE)/hotline knowledge check

eval: train ## 把全部评测题问一遍，打印一张表（列出答错的：make eval OPTIONS=--errors）
	@$(SETUP) dev
	@$(HOTLINE)/python -m tests.evaluation $(OPTIONS)

bench: ## 和原装 Rasa 比速度（约 15 分钟；只测一部分：make bench OPTIONS="--parts engines"）
	@$(SETUP) service rasa
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(HOTLINE)/python -m bench.speed $(OPTIONS)

lock: ## 重新锁定依赖（升级：make lock OPTIONS=--upgrade）
	@$(SETUP) lock $(OPTIONS)

clean: ## 删除生成的东西（环境、模型、网页）；var/ 里的数据留着
	rm -rf .venv models .rasa results web/*/dist web/*/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
